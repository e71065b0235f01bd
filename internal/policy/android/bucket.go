package android

// Bucket is a standby bucket, the less used the higher.
type Bucket uint8

// The buckets.
const (
	Exempted   Bucket = iota // from battery optimisation
	Active                   // in use now
	WorkingSet               // used regularly
	Frequent                 // used often, not daily
	Rare
	Restricted // hardly used, or misbehaving
	Never      // never used
	buckets
)

// ranked is how many buckets have quotas: all but the last.
const ranked = Never

var bucketWords = [buckets]string{"EXEMPTED", "ACTIVE", "WORKING_SET", "FREQUENT", "RARE", "RESTRICTED", "NEVER"}

// bucketNumbers are UsageStatsManager's.
var bucketNumbers = [buckets]int64{5, 10, 20, 30, 40, 45, 50}

// String returns Android's name of it.
func (b Bucket) String() string { return bucketWords[b] }

// Number returns UsageStatsManager's number of it.
func (b Bucket) Number() int64 { return bucketNumbers[b] }

// BucketByName finds a bucket by Android's name.
func BucketByName(name string) (Bucket, bool) {
	for i, w := range bucketWords {
		if w == name {
			return Bucket(i), true
		}
	}
	return 0, false
}

// BucketByNumber finds a bucket by UsageStatsManager's number.
func BucketByNumber(n int64) (Bucket, bool) {
	for i, x := range bucketNumbers {
		if x == n {
			return Bucket(i), true
		}
	}
	return 0, false
}
