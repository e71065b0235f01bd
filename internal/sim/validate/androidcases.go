package validate

func androidCases() []Case {
	return []Case{
		{ID:"A1",try:tryStillPhone},{ID:"A2",try:tryLightWindows},{ID:"A3",try:tryHourlyInDoze},
	}
}
func iosCases() []Case {return nil}
func otherCases() []Case {return nil}
