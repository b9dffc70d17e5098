// SQLite 3, as Debian builds it: a database in memory, filled, indexed and
// queried.
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

static uint64_t hash;

static int on_row(void *unused, int n, char **value, char **name)
{
	for (int i = 0; i < n; i++)
		for (const char *p = value[i]; p && *p; p++)
			hash = hash * 31 + (unsigned char)*p;
	return 0;
}

static void must(sqlite3 *db, const char *sql)
{
	char *err = NULL;
	if (sqlite3_exec(db, sql, on_row, NULL, &err) != SQLITE_OK) {
		fprintf(stderr, "sqlite: %s\n", err);
		exit(1);
	}
}

static uint64_t run_sqlite(void)
{
	sqlite3 *db;
	hash = 0;
	if (sqlite3_open(":memory:", &db) != SQLITE_OK)
		abort();
	must(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, k INTEGER, name TEXT);"
	         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 5000)"
	         "INSERT INTO t SELECT i, i*7919%1009, printf('row %05d', i*31%5003) FROM n;"
	         "CREATE INDEX tk ON t(k);"
	         "SELECT k, count(*), sum(id), min(name) FROM t GROUP BY k HAVING k%97=5 ORDER BY 3 DESC;"
	         "SELECT a.name, b.name FROM t a JOIN t b ON b.k = a.k AND b.id > a.id WHERE a.id%50=7 AND b.name LIKE '%3%';"
	         "UPDATE t SET name = upper(name) || k WHERE k BETWEEN 100 AND 300;"
	         "SELECT count(DISTINCT substr(name, 1, 7)), sum(length(name)) FROM t;");
	sqlite3_close(db);
	return hash;
}

const struct kernel sqlite_kernels[] = {
	{"sqlite", "lib", NULL, run_sqlite},
	{0},
};
