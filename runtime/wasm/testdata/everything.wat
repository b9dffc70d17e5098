(module (@name "everything")
  (type (;0;) (func))
  (type (;1;) (func (param i32) (result i32)))
  (type (;2;) (func (param i64 v128) (result f32 f64)))
  (type (;3;) (func (param i32)))
  (import "env" "log" (func (;0;) (type 3)))
  (import "env" "memory" (memory (;0;) 1 65535))
  (import "env" "table" (table (;0;) 2 funcref))
  (import "env" "base" (global (;0;) i32))
  (table (;1;) 1 4 externref)
  (table (;2;) 8 funcref)
  (global (;1;) (mut i32) (i32.const -65536))
  (global (;2;) i64 (i64.const 1099511627776))
  (global (;3;) (mut f32) (f32.const 1.5))
  (global (;4;) (mut f64) (f64.const -nan:0x8000000000001))
  (global (;5;) (mut v128) (v128.const i32x4 0x1 0x2 0x3 0x4))
  (global (;6;) (mut funcref) (ref.null func))
  (global (;7;) i32 (global.get 0))
  (global (;8;) funcref (ref.func 1))
  (export "inc" (func 1))
  (export "own" (table 1))
  (export "memory" (memory 0))
  (export "sp\0a\"\\" (global 1))
  (start 3)
  (elem (;0;) (global.get 0) func 1 2)
  (elem (;1;) (table 2) (i32.const 1) func 3)
  (elem (;2;) func 1)
  (elem (;3;) declare func 2)
  (func (;1;) (@name "inc") (type 1) (param i32) (result i32)
    (local i32)
    block ;; @1
      loop (result i32) ;; @2
        local.get 0
        br_if 1 ;; @1
        i32.const 7
        local.get 1
        br_table 1 1 1 ;; @1 @1 @1
      end
      drop
    end
    local.get 0
    if (result i32) ;; @1
      local.get 0
      i32.load
      local.get 0
      i32.load offset=1048576 align=1
      i32.add
    else
      local.get 0
      local.get 0
      call_indirect (type 1)
      local.tee 1
      local.get 1
      call_indirect 2 (type 1)
    end
  )
  (func (;2;) (type 2) (param i64 v128) (result f32 f64)
    (local f32)
    (local f64 f64)
    local.get 2
    local.get 3
    global.get 5
    v128.const i32x4 0x3020100 0x7060504 0xb0a0908 0xf0e0d0c
    i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 31
    global.set 5
  )
  (func (;3;) (@name "start") (type 0)
    i32.const 0
    i32.const 0
    i32.const 5
    memory.init 1
    data.drop 1
    i32.const 0
    i32.const 0
    i32.const 1
    table.init 2 2
    i32.const 0
    i32.const 0
    i32.const 0
    memory.copy
    i32.const 0
    i32.const 0
    i32.const 0
    memory.fill
    f32.const nan:0x200000
    f64.const 1.5
    drop
    drop
    i32.const 8
    v128.const i32x4 0x0 0x0 0x0 0x0
    v128.load16_lane offset=4 7
    i16x8.extract_lane_u 3
    i32.const 1
    i32.atomic.rmw.add offset=8
    atomic.fence
    call 0
  )
  (data (;0;) (i32.const 16) "hello \00\ff")
  (data (;1;) "later")
)
