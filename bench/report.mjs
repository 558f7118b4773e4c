/** What must hold (docs/performance.md): shares, and microseconds of server CPU. */
const GOALS = { put: 0.6, getToPut: 1.5, putMicros: 300, getMicros: 200, byTwo: 4 / 3 };
/** The share that other programs may take; what they do hits one busy process harder than pgbench's many. */
export const QUIET = 0.1;
const ENOUGH = 3;

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const medianOf = (rows, key) => median(rows.map((row) => row[key]));
const show = (value, digits = 0) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

function row(name, rows) {
  const isServer = !name.startsWith('pgbench');
  const numbers = [
    show(medianOf(rows, 'perSecond')),
    rows.map(({ perSecond }) => show(perSecond)).join(' '),
    isServer ? show(medianOf(rows, 'p50'), 1) : show(medianOf(rows, 'meanMs'), 1),
    isServer ? show(medianOf(rows, 'p99'), 1) : '–',
    isServer ? show(medianOf(rows, 'serverMicros')) : '–',
    show(medianOf(rows, 'databaseMicros')),
    show(medianOf(rows, 'clientMicros')),
    `${show(medianOf(rows, 'others') * 100)}%`,
  ];
  return `| ${name} | ${numbers.join(' | ')} |`;
}

/** Prints what was measured, by name. */
export function printRows(results) {
  console.log(
    '| | per second | rounds | p50 ms (pgbench: mean) | p99 ms | server CPU µs | database CPU µs | client CPU µs | other programs |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const [name, rows] of Object.entries(results)) console.log(row(name, rows));
}

/** Without the rounds in which other programs were busy, where enough are left. */
export function quietRounds(results) {
  const chosen = {};
  for (const [name, rows] of Object.entries(results)) {
    const quiet = rows.filter(({ others }) => others < QUIET);
    chosen[name] = quiet.length >= ENOUGH ? quiet : rows;
    const share = `${quiet.length} of ${rows.length} rounds`;
    if (quiet.length < ENOUGH)
      console.log(`Not to be relied on: other programs were busy, only ${share} quiet: ${name}`);
  }
  return chosen;
}

/** Requests as a share of what the better pgbench run did with the same statements; by medians. */
function ratio(results, name) {
  const limits = Object.keys(results).filter((key) => key.startsWith(`pgbench ${name},`));
  const best = Math.max(...limits.map((key) => medianOf(results[key], 'perSecond')));
  return medianOf(results[name], 'perSecond') / best;
}

/**
 * Prints the table and the ratios.
 * @returns {boolean} whether every goal was reached
 */
export function printReport({ setting, statements, results: all }) {
  const results = quietRounds(all);
  const { machine, generator, connections, seconds, rounds } = setting;
  console.log(`\n${machine}; ${connections} connections by ${generator}, ${rounds} rounds of ${seconds} s, medians\n`);
  printRows(results);
  console.log(`\nQueries per request: PUT ${statements.put.length}, GET ${statements.get.length}`);
  console.log(`Ratio to pgbench: PUT ${ratio(results, 'PUT').toFixed(2)}, GET ${ratio(results, 'GET').toFixed(2)}`);
  const later = medianOf(results.PUT, 'afterwardsMicros');
  console.log(`The PUT's event taken into the index of the log's search afterwards: ${show(later)} µs of CPU\n`);
  return printGoals(results);
}

/** CPU time of a request, server and database together. */
const bothMicros = (rows) => medianOf(rows, 'serverMicros') + medianOf(rows, 'databaseMicros');

function printGoals(results) {
  const { PUT, GET } = results;
  const grown = (name) => bothMicros(results[`${name}, two processes`]) / bothMicros(results[name]);
  const goals = [
    ['PUT to pgbench with its statement', ratio(results, 'PUT'), 'at least', GOALS.put],
    ['GET to PUT', medianOf(GET, 'perSecond') / medianOf(PUT, 'perSecond'), 'at least', GOALS.getToPut],
    ['server CPU µs of a PUT', medianOf(PUT, 'serverMicros'), 'below', GOALS.putMicros],
    ['server CPU µs of a GET', medianOf(GET, 'serverMicros'), 'below', GOALS.getMicros],
    ['CPU of a PUT by two processes to one', grown('PUT'), 'below', GOALS.byTwo],
    ['CPU of a GET by two processes to one', grown('GET'), 'below', GOALS.byTwo],
  ];
  console.log('| goal | measured | wanted | |\n|---|---|---|---|');
  const outcomes = goals.map(([name, value, how, goal]) => {
    const reached = how === 'below' ? value < goal : value >= goal;
    console.log(`| ${name} | ${value.toFixed(2)} | ${how} ${goal.toFixed(2)} | ${reached ? 'reached' : 'missed'} |`);
    return reached;
  });
  return outcomes.every(Boolean);
}
