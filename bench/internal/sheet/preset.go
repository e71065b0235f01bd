package sheet

import "flag"

// Preset sets flags, as name and value, that the command line did not give.
func Preset(f *flag.FlagSet, values [][2]string) error {
	given := map[string]bool{}
	f.Visit(func(fl *flag.Flag) { given[fl.Name] = true })
	for _, v := range values {
		if given[v[0]] {
			continue
		}
		if err := f.Set(v[0], v[1]); err != nil {
			return err
		}
	}
	return nil
}
