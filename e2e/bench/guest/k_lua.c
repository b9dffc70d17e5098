// Lua 5.4, as Debian builds it: a real interpreter with its collector, on a
// script of our own.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

static const char script[] =
	"local h = 0\n"
	"local function mix(v) h = (h * 31 + v) % 4294967291 end\n"
	// Tables and integers: a sieve.
	"local sieve = {}\n"
	"for i = 2, 20000 do\n"
	"  if not sieve[i] then mix(i) for j = i * i, 20000, i do sieve[j] = true end end\n"
	"end\n"
	// Strings, closures, sorting.
	"local words = {}\n"
	"for i = 1, 4000 do words[i] = string.format('%x', (i * 2654435761) % 1048573) end\n"
	"table.sort(words, function(a, b) return a < b end)\n"
	"for i = 1, #words, 37 do mix(#words[i] + words[i]:byte(1)) end\n"
	"local n = 0\n"
	"for w in table.concat(words, ' '):gmatch('%x+') do if w:find('a%d') then n = n + 1 end end\n"
	"mix(n)\n"
	// Objects through metatables, floats.
	"local P = {} P.__index = P\n"
	"function P.new(x) return setmetatable({x = x, y = 0.5}, P) end\n"
	"function P:step() self.x = self.x * 0.75 + self.y self.y = self.y + 0.125 return self.x end\n"
	"local s = 0.0\n"
	"for i = 1, 3000 do local p = P.new(i) for _ = 1, 10 do s = s + p:step() end end\n"
	"mix(math.floor(s))\n"
	"return h\n";

static uint64_t run_lua(void)
{
	lua_State *L = luaL_newstate();
	if (!L)
		abort();
	luaL_openlibs(L);
	if (luaL_dostring(L, script)) {
		fprintf(stderr, "lua: %s\n", lua_tostring(L, -1));
		exit(1);
	}
	uint64_t h = lua_tointeger(L, -1);
	lua_close(L);
	return h;
}

const struct kernel lua_kernels[] = {
	{"lua", "lib", NULL, run_lua},
	{0},
};
