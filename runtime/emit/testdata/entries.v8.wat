(module
  (type (;0;) (func (param i64 i64 i64 i32) (result i32 i64 i64 i64)))
  (type (;1;) (func (param i32)))
  (import "state" "table" (table (;0;) 0 funcref))
  (import "mem" "memory" (memory (;0;) 0 65535))
  (export "init" (func 3))
  (elem (;0;) func 1 2)
  (func (;0;) (type 0) (param i64 i64 i64 i32) (result i32 i64 i64 i64)
    (local i32 i32 i32 i32)
    (local i64 i64 i64)
    (local i32 i32)
    (local i64)
    i32.const 196608
    local.set 11
    local.get 11
    i32.load offset=327856 align=1
    local.set 4
    local.get 11
    i64.load offset=327752 align=1
    local.set 9
    local.get 11
    i64.load offset=327760 align=1
    local.set 10
    block ;; @1
      block ;; @2
        local.get 11
        i32.load offset=327852 align=1
        local.set 12
        local.get 12
        br_table 0 1 0 ;; @2 @1 @2
      end
      i64.const 0
      local.set 10
      br 0 ;; @1
    end
    loop ;; @1
      local.get 9
      local.set 13
      local.get 10
      local.get 13
      i64.add
      local.set 10
      local.get 13
      i64.const -1
      i64.add
      local.set 9
      local.get 13
      i64.const 1
      i64.ne
      if ;; @2
        local.get 4
        i32.const 4
        i32.sub
        local.tee 4
        i32.const 0
        i32.lt_s
        if ;; @3
          local.get 11
          local.get 9
          i64.store offset=327752 align=1
          local.get 11
          local.get 10
          i64.store offset=327760 align=1
          local.get 11
          local.get 4
          i32.store offset=327856 align=1
          i32.const 4194561
          local.get 0
          local.get 1
          local.get 2
          return
        end
        br 1 ;; @1
      end
      local.get 2
      i32.wrap_i64
      local.set 5
      local.get 11
      local.get 9
      i64.store offset=327752 align=1
      local.get 11
      local.get 10
      i64.store offset=327760 align=1
      local.get 11
      local.get 4
      i32.store offset=327856 align=1
      local.get 5
      i32.const -4
      i32.and
      local.get 0
      local.get 1
      local.get 2
      return
    end
    unreachable
    unreachable
  )
  (func (;1;) (type 0) (param i64 i64 i64 i32) (result i32 i64 i64 i64)
    (local i32)
    i32.const 196608
    i32.load offset=327856 align=1
    local.set 4
    local.get 3
    local.get 4
    i32.or
    i32.const 0
    i32.lt_s
    if ;; @1
      i32.const 196608
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
    i32.const 196608
    i32.const 0
    i32.store offset=327852 align=1
    local.get 0
    local.get 1
    local.get 2
    local.get 3
    return_call 0
  )
  (func (;2;) (type 0) (param i64 i64 i64 i32) (result i32 i64 i64 i64)
    (local i32)
    i32.const 196608
    i32.load offset=327856 align=1
    local.set 4
    local.get 3
    local.get 4
    i32.or
    i32.const 0
    i32.lt_s
    if ;; @1
      i32.const 196608
      local.get 4
      i32.store offset=327856 align=1
      i32.const 4194560
      local.get 4
      i32.const 31
      i32.shr_u
      i32.or
      local.get 0
      local.get 1
      local.get 2
      return
    end
    i32.const 196608
    i32.const 1
    i32.store offset=327852 align=1
    local.get 0
    local.get 1
    local.get 2
    local.get 3
    return_call 0
  )
  (func (;3;) (type 1) (param i32)
    local.get 0
    i32.const 0
    i32.const 2
    table.init 0
    elem.drop 0
  )
)
