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
    (local i32 i32)
    (local i64)
    (local i32 i32)
    i32.const 196608
    local.set 9
    local.get 9
    i32.load offset=327856 align=1
    local.set 4
    memory.size
    i32.const 16
    i32.shl
    local.set 7
    block ;; @1
      block ;; @2
        local.get 9
        i32.load offset=327752 align=1
        i32.const -65536
        i32.add
        local.set 10
        local.get 10
        local.get 7
        i32.const 20
        i32.sub
        i32.gt_u
        if ;; @3
          local.get 10
          i32.const 65544
          i32.add
          local.set 6
          i32.const 4194306
          local.set 5
          br 1 ;; @2
        end
        local.get 10
        i64.load offset=8 align=1
        local.set 11
        local.get 9
        local.get 11
        i64.store offset=327760 align=1
        local.get 11
        i32.wrap_i64
        i32.const -65536
        i32.add
        local.set 12
        local.get 12
        local.get 7
        i32.const 4
        i32.sub
        i32.gt_u
        if ;; @3
          local.get 12
          i32.const 65536
          i32.add
          local.set 6
          i32.const 4194306
          local.set 5
          br 1 ;; @2
        end
        local.get 12
        i32.load align=1
        local.set 13
        local.get 10
        local.get 13
        i32.store offset=16 align=1
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
      end
      local.get 9
      i32.const 3
      i32.store offset=327840 align=1
      local.get 9
      local.get 6
      i64.extend_i32_u
      i64.store offset=327824 align=1
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
    i32.const 3
    i32.store offset=327840 align=1
    local.get 9
    local.get 6
    i64.extend_i32_u
    i64.const 4294967296
    i64.or
    i64.store offset=327824 align=1
    local.get 9
    local.get 4
    i32.store offset=327856 align=1
    local.get 5
    local.get 0
    local.get 1
    local.get 2
    return
  )
  (func (;1;) (type 1) (param i32)
    local.get 0
    i32.const 0
    i32.const 1
    table.init 0
    elem.drop 0
  )
)
