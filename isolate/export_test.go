package isolate

// Kept is what this process keeps of messages that it forwards, in bytes.
func Kept() int { return theTable.ports().Kept() }

// PipesOnly makes a spawner use links of pipes.
func PipesOnly(s *Spawner) { s.pipesOnly = true }
