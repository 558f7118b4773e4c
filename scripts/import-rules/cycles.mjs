/**
 * Finds import cycles: one for each group of modules that reach one another.
 * @param {ReadonlyMap<string, readonly string[]>} graph a module's path → the paths it imports
 * @returns {string[][]} each cycle from its first module, in the alphabet, back to that module
 */
export function findCycles(graph) {
  const cycles = [];
  const seen = new Set();
  for (const start of [...graph.keys()].sort()) {
    if (seen.has(start)) continue;
    const cycle = shortestWayBack(graph, start);
    if (!cycle) continue;
    cycles.push(cycle);
    for (const module of groupOf(graph, start)) seen.add(module);
  }
  return cycles;
}

function shortestWayBack(graph, start) {
  const cameFrom = reach(graph, start);
  if (!cameFrom.has(start)) return undefined;
  const way = [start];
  for (let at = cameFrom.get(start); at !== start; at = cameFrom.get(at)) way.unshift(at);
  return [start, ...way];
}

/** Everything that `start` reaches and that reaches `start`. */
function groupOf(graph, start) {
  return [...reach(graph, start).keys()].filter((module) => reach(graph, module).has(start));
}

// Breadth first, so that the ways are the shortest. `start` itself is only in it when a way leads back.
function reach(graph, start) {
  const cameFrom = new Map();
  const queue = [start];
  for (const at of queue) {
    for (const next of graph.get(at) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      if (next !== start) queue.push(next);
    }
  }
  return cameFrom;
}
