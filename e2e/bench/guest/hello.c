// hello prints a line: the smallest C program whose whole process is timed.
#include <stdio.h>

int main(void)
{
	puts("hello");
	return 0;
}
