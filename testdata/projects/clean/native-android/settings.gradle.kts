pluginManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "shed"
include(":app")
