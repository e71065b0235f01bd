package sqlitestore

import (
	"time"

	"zombiezen.com/go/sqlite"
)

// settle empties the log that an earlier process left. If a sync failed there, what
// the log holds may be readable and yet never reach the disk: commits that follow it in
// the same file would go with it. A full disk leaves the log as it is, and so does a
// reader that stays.
func settle(c *sqlite.Conn) error {
	c.SetBusyTimeout(time.Second)
	defer c.SetBusyTimeout(busy)
	err := query(c, "PRAGMA wal_checkpoint(TRUNCATE)", nil)
	if code := sqlite.ErrCode(err).ToPrimary(); code == sqlite.ResultFull || code == sqlite.ResultBusy {
		return nil
	}
	return err
}
