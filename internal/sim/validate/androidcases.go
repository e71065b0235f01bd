package validate

func androidCases() []Case {
	return []Case{
		{ID:"A1",try:tryStillPhone},{ID:"A2",try:tryLightWindows},{ID:"A3",try:tryHourlyInDoze},{ID:"A4",try:tryUnopenedDaily},{ID:"A5",try:tryExemptButKilled},{ID:"A6",try:tryChargedNights},{ID:"A7",try:tryExemption},{ID:"A8",try:tryDefaultFlex},{ID:"A10",try:tryMessages},
	}
}
func iosCases() []Case {return nil}
func otherCases() []Case {return nil}
