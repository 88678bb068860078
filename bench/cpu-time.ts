import { readFile } from 'node:fs/promises';

/** Linux counts in these for programs on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
/** The places of user and system time behind the program's name: fields 14 and 15 of `/proc/PID/stat`. */
const [USER, SYSTEM] = [11, 12];

/** How much processor time a process has used in all of its threads, in seconds, to the hundredth. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name stands in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER]) + Number(fields[SYSTEM])) / TICKS_PER_SECOND;
}
