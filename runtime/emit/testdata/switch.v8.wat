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
    block ;; @1
      block ;; @2
        block ;; @3
          local.get 9
          i32.load offset=327752 align=1
          br_table 1 2 0 2 ;; @2 @1 @3 @1
        end
        i64.const 2
        local.set 0
        br 1 ;; @1
      end
      i64.const 1
      local.set 0
      br 0 ;; @1
    end
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
