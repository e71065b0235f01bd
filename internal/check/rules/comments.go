package rules

import "github.com/lullwork/lull/internal/check/finding"

// The rules about comments to lull. Package check reports them, when it has seen what
// every other rule found.
const (
	SuppressionWithoutReason = "suppression-without-reason"
	SuppressionUnknownRule   = "suppression-unknown-rule"
	UnusedSuppression        = "unused-suppression"
)

func commentRules() []*Rule {
	return []*Rule{
		{
			Name: SuppressionWithoutReason, Group: Comments, Certainty: finding.Warning,
			Title:  "a finding is hidden without a reason",
			Detail: "A comment that hides a finding outlives whoever wrote it. Without a reason nobody can tell whether it still holds, so a comment without one hides nothing.",
			Seen:   "the finding is reported as if the comment were not there",
			Fix:    "Say after the name of the rule why it does not matter here",
			Example: Example{
				Lang: "dart",
				Bad:  "// lull:ignore period-too-short\n",
				Good: "// lull:ignore period-too-short the debug screen only, see main.dart\n",
			},
		},
		{
			Name: SuppressionUnknownRule, Group: Comments, Certainty: finding.Warning,
			Title:  "a comment hides findings of a rule that does not exist",
			Detail: "The name of a rule is misspelt, or the rule is of a newer lull. The finding that was meant is not hidden.",
			Seen:   "the finding is reported as if the comment were not there",
			Fix:    "Write the name as `lull check --rules` lists it",
			Example: Example{
				Lang: "dart",
				Bad:  "// lull:ignore period-to-short the debug screen only\n",
				Good: "// lull:ignore period-too-short the debug screen only\n",
			},
		},
		{
			Name: UnusedSuppression, Group: Comments, Certainty: finding.Hint,
			Title:  "a comment hides nothing",
			Detail: "The finding that the comment was written for is gone, or has moved away from it. What stays would hide the next mistake of the kind on that line.",
			Seen:   "nothing today; a later mistake on that line is not reported",
			Fix:    "Remove the comment",
			Example: Example{
				Lang: "dart",
				Bad:  "// lull:ignore period-too-short the debug screen only\nfrequency: const Duration(hours: 1),\n",
				Good: "frequency: const Duration(hours: 1),\n",
			},
		},
	}
}
