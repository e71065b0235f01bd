plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "org.example.shed"
    compileSdk = 36

    defaultConfig {
        applicationId = "org.example.shed"
        minSdk = 26
        targetSdk = 36
    }
}

dependencies {
    implementation("androidx.hilt:hilt-work:1.3.0")
    implementation("androidx.work:work-runtime-ktx:2.11.0")
}
