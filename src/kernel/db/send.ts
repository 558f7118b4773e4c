import type { ClientBase, QueryConfig } from 'pg';
import { noteQuery } from './query-count.ts';
import { statementName } from './statement-names.ts';
import type { Parameter, QueryOptions } from './types.ts';

export type QueryInfo = {
  readonly text: string;
  readonly milliseconds: number;
  /** Number of rows answered; undefined when the statement failed. */
  readonly rows: number | undefined;
};

/** A statement: its text, its values, and how to send it. */
export type Statement = readonly [text: string, parameters?: readonly Parameter[], options?: QueryOptions];

/** Sends one statement on one connection and answers its rows. */
export type Send = <Row extends object>(client: ClientBase, statement: Statement) => Promise<Row[]>;

/** Makes a {@link Send} that tells `onQuery` after each statement, when given. */
export function createSend(onQuery: ((info: QueryInfo) => void) | undefined): Send {
  return async <Row extends object>(client: ClientBase, statement: Statement): Promise<Row[]> => {
    noteQuery();
    const config = toQueryConfig(statement);
    if (!onQuery) return (await client.query<Row>(config)).rows;
    const start = performance.now();
    let rows: Row[] | undefined;
    try {
      rows = (await client.query<Row>(config)).rows;
      return rows;
    } finally {
      onQuery({ text: config.text, milliseconds: performance.now() - start, rows: rows?.length });
    }
  };
}

/** By how much the client's deadline is later than the server's, in milliseconds: it only serves for a server that hangs. */
export const HANGING_SERVER_MS = 2000;

function toQueryConfig([text, parameters, options]: Statement): QueryConfig {
  const values = parameters ? [...parameters] : undefined;
  const name = options?.prepare === false ? undefined : statementName(text);
  const deadline = options?.deadlineMs;
  const config =
    deadline === undefined ? { text, values } : { text, values, query_timeout: deadline + HANGING_SERVER_MS };
  return name ? { name, ...config } : config;
}
