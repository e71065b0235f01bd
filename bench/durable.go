package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// openDurable opens a database through database/sql and proves that a commit will reach the disk: drivers differ in
// defaults (mattn's build makes WAL imply NORMAL), so what the connection says is asked, not assumed.
// One connection: SQLite has one writer, and all three peers advise it.
func openDurable(ctx context.Context, driver, dsn string) (*sql.DB, error) {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	if err := proveDurable(func(pragma string) (value string, err error) {
		err = db.QueryRowContext(ctx, "pragma "+pragma).Scan(&value)
		return value, err
	}); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// proveDurable fails unless the connection behind ask commits with WAL and synchronous=FULL.
func proveDurable(ask func(pragma string) (string, error)) error {
	for _, want := range []struct{ pragma, value, name string }{
		{"journal_mode", "wal", "WAL"},
		{"synchronous", "2", "FULL"},
	} {
		got, err := ask(want.pragma)
		if err != nil {
			return fmt.Errorf("pragma %s: %w", want.pragma, err)
		}
		if !strings.EqualFold(got, want.value) {
			return fmt.Errorf("pragma %s is %s, want %s: the comparison would not be fair", want.pragma, got, want.name)
		}
	}
	return nil
}
