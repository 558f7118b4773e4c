import { readdirSync, readFileSync } from 'node:fs';

// proc(5): times are in ticks, and Linux has had 100 a second for programs on every platform of ours.
const MICROSECONDS_A_TICK = 10_000;

function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; the third field comes behind it.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { parent: fields[1], own: fields[11] + fields[12], collected: fields[13] + fields[14] };
  } catch {
    return undefined;
  }
}

/** CPU time of a process so far, in microseconds. */
export function cpuOf(pid) {
  return (stat(pid)?.own ?? 0) * MICROSECONDS_A_TICK;
}

/** CPU time of a process, its children, and those it has collected, in microseconds. */
export function cpuOfFamily(pid) {
  // A child that is collected while we look is in neither number, so a look counts only if nothing was collected meanwhile.
  for (;;) {
    const first = stat(pid);
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const children = pids.map(stat).filter((found) => found?.parent === pid);
    const ticks = children.reduce((sum, { own }) => sum + own, (first?.own ?? 0) + (first?.collected ?? 0));
    if (stat(pid)?.collected === first?.collected) return ticks * MICROSECONDS_A_TICK;
  }
}

/** CPU time of this process and of the children that it has collected, in microseconds. */
export function cpuOfMe() {
  const found = stat(process.pid);
  return found ? (found.own + found.collected) * MICROSECONDS_A_TICK : 0;
}

/** CPU time that the whole machine has spent on work since its start, in microseconds. */
export function cpuOfMachine() {
  const [, user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8').split(/\s+/).map(Number);
  return (user + nice + system + irq + softirq) * MICROSECONDS_A_TICK;
}
