(module
  (type (;0;) (func (param i64 i64 i64 i32) (result i32 i64 i64 i64)))
  (type (;1;) (func (param i32)))
  (import "state" "table" (table (;0;) 0 funcref))
  (import "mem" "memory" (memory (;0;) 0 65535))
  (export "init" (func 1))
  (elem (;0;) func 0)
  (func (;0;) (type 0) (param i64 i64 i64 i32) (result i32 i64 i64 i64)
    (local i32 i32 i32 i32)
    (local i64)
    (local i32)
    (local f64 f64 f64)
    (local v128 v128 v128)
    i32.const 196608
    local.set 9
    local.get 9
    i32.load offset=327856 align=1
    local.set 4
    local.get 9
    f64.load offset=327680 align=1
    local.set 10
    local.get 9
    f64.load offset=327696 align=1
    local.set 11
    local.get 9
    local.get 10
    local.get 11
    f64.add
    local.tee 12
    local.get 12
    f64.ne
    if ;; @1
      local.get 10
      f64x2.splat
      local.set 14
      local.get 11
      f64x2.splat
      local.set 15
      v128.const i32x4 0x0 0x7ff80000 0x0 0x7ff80000
      local.set 13
      local.get 15
      v128.const i32x4 0x0 0x80000 0x0 0x80000
      v128.or
      local.get 13
      local.get 15
      local.get 15
      f64x2.ne
      v128.bitselect
      local.set 13
      local.get 14
      v128.const i32x4 0x0 0x80000 0x0 0x80000
      v128.or
      local.get 13
      local.get 14
      local.get 14
      f64x2.ne
      v128.bitselect
      local.set 13
      local.get 15
      v128.const i32x4 0x0 0x80000 0x0 0x80000
      v128.or
      local.get 13
      local.get 15
      local.get 15
      f64x2.ne
      local.get 15
      v128.const i32x4 0x0 0x80000 0x0 0x80000
      v128.and
      v128.const i32x4 0x0 0x0 0x0 0x0
      i64x2.eq
      v128.and
      v128.bitselect
      local.set 13
      local.get 14
      v128.const i32x4 0x0 0x80000 0x0 0x80000
      v128.or
      local.get 13
      local.get 14
      local.get 14
      f64x2.ne
      local.get 14
      v128.const i32x4 0x0 0x80000 0x0 0x80000
      v128.and
      v128.const i32x4 0x0 0x0 0x0 0x0
      i64x2.eq
      v128.and
      v128.bitselect
      local.set 13
      local.get 13
      f64x2.extract_lane 0
      local.set 12
    end
    local.get 12
    f64.store offset=327680 align=1
    local.get 9
    i64.const 0
    i64.store offset=327688 align=1
    local.get 2
    i32.wrap_i64
    local.set 5
    local.get 9
    local.get 4
    i32.store offset=327856 align=1
    local.get 5
    i32.const -4
    i32.and
    local.get 0
    local.get 1
    local.get 2
    return
    unreachable
  )
  (func (;1;) (type 1) (param i32)
    local.get 0
    i32.const 0
    i32.const 1
    table.init 0
    elem.drop 0
  )
)
