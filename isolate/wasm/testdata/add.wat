;; A module with a function over numbers, one that never ends, and one that talks.
;; Its binary form, add.wasm, is put together by TestAdd of example_wat_test.go.
(module
  (import "lull" "recv" (func $recv (param i32 i32) (result i32)))
  (import "lull" "send" (func $send (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32)
    local.get 0
    local.get 1
    i32.add)
  (func (export "forever")
    (loop br 0))
  (func (export "echo") (local i32)
    (loop
      ;; length = recv(0, 65536): -1 when no more messages come
      i32.const 0
      i32.const 65536
      call $recv
      local.set 0
      (if (i32.ge_s (local.get 0) (i32.const 0))
        (then
          (drop (call $send (i32.const 0) (local.get 0)))
          br 1)))))
