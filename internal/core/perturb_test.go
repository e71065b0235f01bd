package core_test

import (
	"reflect"
	"runtime"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/host"
)

// quiet is a test whose failure is the point.
type quiet struct{ failed bool }

func (q *quiet) Helper()               {}
func (q *quiet) Errorf(string, ...any) { q.failed = true }
func (q *quiet) Fatal(...any)          { q.failed = true; runtime.Goexit() }
func (q *quiet) Fatalf(string, ...any) { q.failed = true; runtime.Goexit() }

// bent is a policy with other rules.
type bent struct {
	core.Policy
	rules core.Rules
}

func (b bent) Rules() core.Rules { return b.rules }

// bend changes one field of rules.
func bend(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int64:
		v.SetInt(v.Int() + v.Int()/10 + 7_000_001)
	default:
		v.SetInt(v.Int() + 1)
	}
}

// TestEveryHostRuleMatters changes one rule after the other: some check must fail.
func TestEveryHostRuleMatters(t *testing.T) {
	for i := range reflect.TypeFor[core.Rules]().NumField() {
		rules := host.Policy{}.Rules()
		f := reflect.TypeOf(rules).Field(i)
		bend(reflect.ValueOf(&rules).Elem().Field(i))
		t.Run(f.Name, func(t *testing.T) {
			for _, c := range checks {
				if fails(func(q *quiet) { c.run(q, bent{host.Policy{}, rules}) }) {
					return
				}
			}
			t.Errorf("no check fails with %s %v", f.Name, reflect.ValueOf(rules).Field(i))
		})
	}
}

// fails runs a check in a goroutine of its own, so that it can be left. A panic
// counts as a failure.
func fails(check func(*quiet)) bool {
	q, done := &quiet{}, make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if recover() != nil {
				q.failed = true
			}
		}()
		check(q)
	}()
	<-done
	return q.failed
}
