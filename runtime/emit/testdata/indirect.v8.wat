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
    i32.const 208
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
    i64.const 4194560
    local.set 2
    local.get 9
    i32.load offset=327760 align=1
    local.set 5
    local.get 9
    local.get 4
    i32.store offset=327856 align=1
    local.get 0
    local.get 1
    local.get 2
    local.get 3
    local.get 9
    local.get 5
    i32.store offset=327860 align=1
    local.get 5
    i32.const 14
    i32.shr_u
    i32.const 262140
    i32.and
    i32.load offset=196608
    local.get 5
    i32.const 65532
    i32.and
    i32.add
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
    local.get 9
    i32.load offset=327752 align=1
    local.set 5
    local.get 9
    local.get 4
    i32.store offset=327856 align=1
    local.get 0
    local.get 1
    local.get 2
    local.get 3
    local.get 9
    local.get 5
    i32.store offset=327860 align=1
    local.get 5
    i32.const 14
    i32.shr_u
    i32.const 262140
    i32.and
    i32.load offset=196608
    local.get 5
    i32.const 65532
    i32.and
    i32.add
    i32.load offset=458752
    return_call_indirect (type 0)
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
