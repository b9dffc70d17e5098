(module
  (type (;0;) (func (param i64 i64 i64 i32) (result i32 i64 i64 i64)))
  (type (;1;) (func (param i32 i64 i64 i64) (result i64)))
  (type (;2;) (func (param f64 f64 f64) (result f64)))
  (type (;3;) (func (param i32)))
  (import "host" "helper" (func (;0;) (type 1)))
  (import "state" "table" (table (;0;) 0 funcref))
  (import "mem" "memory" (memory (;0;) 0 65535))
  (export "init" (func 3))
  (elem (;0;) func 1)
  (func (;1;) (type 0) (param i64 i64 i64 i32) (result i32 i64 i64 i64)
    (local i32 i32 i32 i32)
    (local i64)
    (local i32)
    i32.const 196608
    local.set 9
    local.get 9
    i32.load offset=327856 align=1
    local.set 4
    local.get 9
    local.get 9
    f64.load offset=327680 align=1
    local.get 9
    f64.load offset=327696 align=1
    local.get 9
    f64.load offset=327680 align=1
    call 2
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
  (func (;2;) (type 2) (param f64 f64 f64) (result f64)
    (local f64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64)
    (local i64)
    (local f64)
    local.get 0
    local.get 1
    f64.mul
    local.set 3
    local.get 3
    f64.abs
    f64.const 1.1830521861667747e-271
    f64.ge
    local.get 3
    f64.abs
    f64.const 1.0715086071862673e+301
    f64.le
    i32.and
    local.get 2
    f64.abs
    f64.const 1.0715086071862673e+301
    f64.le
    i32.and
    local.get 0
    f64.abs
    f64.const 1.0463951242053392e+298
    f64.le
    i32.and
    local.get 1
    f64.abs
    f64.const 1.0463951242053392e+298
    f64.le
    i32.and
    i32.eqz
    if ;; @1
      local.get 0
      f64.const 0
      f64.eq
      local.get 1
      f64.const 0
      f64.eq
      i32.or
      local.get 3
      local.get 2
      f64.add
      local.tee 3
      local.get 3
      f64.eq
      i32.and
      if ;; @2
        local.get 3
        return
      end
      i32.const 1009
      local.get 0
      i64.reinterpret_f64
      local.get 1
      i64.reinterpret_f64
      local.get 2
      i64.reinterpret_f64
      call 0
      f64.reinterpret_i64
      return
    end
    local.get 0
    f64.const 1.34217729e+08
    f64.mul
    local.tee 6
    local.get 6
    local.get 0
    f64.sub
    f64.sub
    local.set 4
    local.get 0
    local.get 4
    f64.sub
    local.set 5
    local.get 1
    f64.const 1.34217729e+08
    f64.mul
    local.tee 9
    local.get 9
    local.get 1
    f64.sub
    f64.sub
    local.set 7
    local.get 1
    local.get 7
    f64.sub
    local.set 8
    local.get 4
    local.get 7
    f64.mul
    local.get 3
    f64.sub
    local.get 4
    local.get 8
    f64.mul
    f64.add
    local.get 5
    local.get 7
    f64.mul
    f64.add
    local.get 5
    local.get 8
    f64.mul
    f64.add
    local.set 10
    local.get 2
    local.get 10
    f64.add
    local.set 11
    local.get 11
    local.get 2
    f64.sub
    local.set 13
    local.get 2
    local.get 11
    local.get 13
    f64.sub
    f64.sub
    local.get 10
    local.get 13
    f64.sub
    f64.add
    local.set 12
    local.get 3
    local.get 11
    f64.add
    local.set 14
    local.get 14
    local.get 3
    f64.sub
    local.set 16
    local.get 3
    local.get 14
    local.get 16
    f64.sub
    f64.sub
    local.get 11
    local.get 16
    f64.sub
    f64.add
    local.set 15
    local.get 12
    local.get 15
    f64.add
    local.set 17
    local.get 17
    local.get 12
    f64.sub
    local.set 20
    local.get 12
    local.get 17
    local.get 20
    f64.sub
    f64.sub
    local.get 15
    local.get 20
    f64.sub
    f64.add
    local.tee 18
    f64.const 0
    f64.ne
    local.get 17
    i64.reinterpret_f64
    local.tee 19
    i32.wrap_i64
    i32.const 1
    i32.and
    i32.eqz
    i32.and
    if ;; @1
      local.get 19
      i64.const 1
      i64.const -1
      local.get 18
      i64.reinterpret_f64
      local.get 19
      i64.xor
      i64.const 0
      i64.ge_s
      select
      i64.add
      f64.reinterpret_i64
      local.set 17
    end
    local.get 14
    local.get 17
    f64.add
  )
  (func (;3;) (type 3) (param i32)
    local.get 0
    i32.const 0
    i32.const 1
    table.init 0
    elem.drop 0
  )
)
