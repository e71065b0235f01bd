package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// Key is what stays of a finding when lines move.
type Key struct {
	Rule    string `json:"rule"`
	File    string `json:"file"`
	Subject string `json:"subject"`
}

// Key names a finding without its place. A finding without a subject is told by its message.
func (f *Finding) Key() Key {
	k := Key{f.Rule, f.Place.File, f.Subject}
	if k.Subject == "" {
		k.Subject = f.Message
	}
	return k
}

// Fingerprints are names of findings for other tools: one each, in their order. Of
// findings with one key the first, the second and so on have the same ones each time.
func Fingerprints(list []*Finding) []string {
	out := make([]string, len(list))
	seen := map[Key]int{}
	for i, f := range list {
		k := f.Key()
		seen[k]++
		h := sha256.New()
		for _, part := range []string{k.Rule, k.File, k.Subject, strconv.Itoa(seen[k])} {
			h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
		}
		out[i] = hex.EncodeToString(h.Sum(nil)[:16])
	}
	return out
}
