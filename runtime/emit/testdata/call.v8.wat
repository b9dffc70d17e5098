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
    (local i64 i64)
    i32.const 196608
    local.set 9
    local.get 9
    i32.load offset=327856 align=1
    local.set 4
    local.get 4
    i32.const 9
    i32.sub
    local.set 4
    local.get 3
    i32.const 224
    i32.sub
    local.set 3
    local.get 3
    local.get 4
    i32.or
    i32.const 0
    i32.lt_s
    if ;; @1
      local.get 9
      local.get 4
      i32.store offset=327856 align=1
      i32.const 4194304
      local.get 4
      i32.const 31
      i32.shr_u
      i32.or
      local.get 0
      local.get 1
      local.get 2
      return
    end
    local.get 1
    i64.const -16
    i64.add
    local.set 10
    local.get 10
    i32.wrap_i64
    i32.const -65536
    i32.add
    local.get 2
    i64.store align=1
    local.get 10
    local.set 1
    i64.const 4194560
    local.set 2
    local.get 9
    local.get 4
    i32.store offset=327856 align=1
    local.get 0
    local.get 1
    local.get 2
    local.get 3
    local.get 9
    i32.const 4259840
    i32.store offset=327860 align=1
    local.get 9
    i32.load offset=260
    i32.load offset=458752
    call_indirect (type 0)
    local.set 2
    local.set 1
    local.set 0
    local.set 5
    local.get 9
    i32.load offset=327856 align=1
    local.set 4
    local.get 5
    i32.const 4194560
    i32.ne
    if ;; @1
      local.get 9
      local.get 4
      i32.store offset=327856 align=1
      local.get 5
      local.get 0
      local.get 1
      local.get 2
      return
    end
    local.get 1
    local.set 10
    local.get 10
    i32.wrap_i64
    i32.const -65536
    i32.add
    i64.load align=1
    local.set 11
    local.get 11
    local.set 2
    local.get 10
    i64.const 16
    i64.add
    local.set 1
    local.get 11
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
