(module
  (type (;0;) (func (param i64 i64 i64 i32) (result i32 i64 i64 i64)))
  (type (;1;) (func (param i64 i64 i64 i64 i64 i64 i64) (result i64)))
  (type (;2;) (func (param i32)))
  (import "host" "syscall" (func (;0;) (type 1)))
  (import "state" "table" (table (;0;) 0 funcref))
  (import "mem" "memory" (memory (;0;) 0 65535))
  (export "init" (func 2))
  (elem (;0;) func 1)
  (func (;1;) (type 0) (param i64 i64 i64 i32) (result i32 i64 i64 i64)
    (local i32 i32 i32 i32)
    (local i64)
    (local i32)
    (local i64 i64 i64)
    i32.const 196608
    local.set 9
    local.get 9
    i32.load offset=327856 align=1
    local.set 4
    block ;; @1
      local.get 9
      i64.load offset=327752 align=1
      local.set 10
      local.get 9
      i64.load offset=327760 align=1
      local.set 11
      local.get 10
      local.get 11
      i64.sub
      local.set 12
      local.get 9
      local.get 12
      i64.const 0
      i64.lt_s
      i32.const 31
      i32.shl
      local.get 10
      local.get 11
      i64.eq
      i32.const 30
      i32.shl
      i32.or
      local.get 10
      local.get 11
      i64.ge_u
      i32.const 29
      i32.shl
      i32.or
      local.get 10
      local.get 11
      i64.xor
      local.get 10
      local.get 12
      i64.xor
      i64.and
      i64.const 0
      i64.lt_s
      i32.const 28
      i32.shl
      i32.or
      i32.store offset=327836 align=1
      local.get 10
      local.get 11
      i64.ge_s
      br_if 0 ;; @1
      local.get 10
      local.get 11
      i64.xor
      local.get 10
      local.get 10
      local.get 11
      i64.sub
      i64.xor
      i64.and
      i64.const 0
      i64.lt_s
      i64.extend_i32_u
      local.set 0
      br 0 ;; @1
    end
    local.get 0
    local.get 9
    i64.load offset=327752 align=1
    local.get 9
    i64.load offset=327760 align=1
    local.get 9
    i64.load offset=327768 align=1
    local.get 9
    i64.load offset=327776 align=1
    local.get 9
    i64.load offset=327784 align=1
    local.get 9
    i64.load offset=327792 align=1
    call 0
    local.tee 8
    i64.const -9223372036854775807
    i64.le_s
    if ;; @1
      local.get 9
      local.get 4
      i32.store offset=327856 align=1
      i32.const 4195075
      i32.const 4195073
      local.get 8
      i64.const -9223372036854775808
      i64.eq
      select
      local.get 0
      local.get 1
      local.get 2
      return
    end
    local.get 8
    local.set 0
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
  (func (;2;) (type 2) (param i32)
    local.get 0
    i32.const 0
    i32.const 1
    table.init 0
    elem.drop 0
  )
)
