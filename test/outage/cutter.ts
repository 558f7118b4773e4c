import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** Stands between a server and its PostgreSQL, and can cut the line between a statement and its answer. */
export type Cutter = {
  readonly port: number;
  /** The next statement whose bytes contain the text reaches the database; its answer does not come back. */
  cutAnswerTo(text: string): void;
  /** From now on nothing that the database says arrives, on new connections neither, as in a network that is lost. */
  mute(): void;
  /** New connections work again; those that missed something are cut. */
  unmute(): void;
  /** How many answers were cut off so far. */
  cuts(): number;
  close(): void;
};

/** Starts one in front of a port of the loopback address. */
export async function startCutter(target: number): Promise<Cutter> {
  const sockets = new Set<Socket>();
  let wanted: string | undefined;
  let cuts = 0;
  let muted = false;
  const deaf = new Set<Socket>();

  function pass(client: Socket): void {
    const database = connect(target, '127.0.0.1');
    let cutsNext = false;
    for (const [socket, other] of [[client, database] as const, [database, client] as const]) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (wanted !== undefined && chunk.includes(wanted)) {
        wanted = undefined;
        cutsNext = true;
      }
      database.write(chunk);
    });
    database.on('data', (chunk) => {
      if (muted) {
        deaf.add(client);
        return;
      }
      if (!cutsNext) {
        client.write(chunk);
        return;
      }
      // The database has answered, so it has done it.
      cuts += 1;
      client.destroy();
    });
  }

  const server = createServer(pass);
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  return {
    port,
    cutAnswerTo(text) {
      wanted = text;
    },
    mute() {
      muted = true;
    },
    unmute() {
      muted = false;
      for (const client of deaf) client.destroy();
      deaf.clear();
    },
    cuts: () => cuts,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
