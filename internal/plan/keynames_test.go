package plan

// KeyNames are all keys that a plan may have.
func KeyNames() []string {
	var out []string
	add := func(names ...string) { out = append(out, names...) }
	add(namesOf(planKeys)...)
	add(namesOf(taskKeys)...)
	add(namesOf(needKeys)...)
	add(namesOf(backoffKeys)...)
	add(namesOf(uniqueKeys)...)
	add(namesOf(limitKeys)...)
	add(namesOf(sandboxKeys)...)
	add(namesOf(wasmKeys)...)
	add(namesOf(appKeys)...)
	add(namesOf(androidAppKeys)...)
	add(namesOf(iosAppKeys)...)
	add(namesOf(submitKeys)...)
	add(namesOf(iosKeys)...)
	add(namesOf(androidKeys)...)
	add(namesOf(modelKeys)...)
	add(namesOf(expectKeys)...)
	add(namesOf(atKeys)...)
	return out
}

func namesOf[T any](keys []keyOf[T]) []string {
	var out []string
	for _, k := range keys {
		if k.name != "func" && k.name != "promise" { // refused, for a later version
			out = append(out, k.name)
		}
	}
	return out
}
