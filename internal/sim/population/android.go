package population

import "errors"

// androidMaker makes the Android of one phone after the other.
func androidMaker(*Config) (maker, error) {
	return nil, errors.New("android: its scheduler is not linked")
}

func androidAssumptions() []string { return nil }
