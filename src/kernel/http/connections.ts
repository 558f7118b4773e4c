import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds that a connection has, after the server stopped listening, to say what it wants. */
const PATIENCE = 1000;

/**
 * Lets a server that stops wait for requests only. Node also waits for connections that never asked for anything (of
 * browsers, which open some in advance) or never finish their header, and looks at no timeout of them any more (R08).
 * Out: to be called at the stop; what it returns, when the server has stopped.
 */
export function waitForRequestsOnly(server: Server): () => () => void {
  const underWay = new Map<Socket, number>();
  server.on('connection', (socket) => {
    underWay.set(socket, 0);
    socket.once('close', () => underWay.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const count = underWay.get(socket);
      if (count !== undefined) underWay.set(socket, count - 1);
    });
  });
  return () => {
    const timer = setTimeout(() => {
      for (const [socket, count] of underWay) if (count === 0) socket.destroy();
    }, PATIENCE);
    return () => clearTimeout(timer);
  };
}
