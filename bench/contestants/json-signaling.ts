import type { Env } from './link.ts';

export interface JsonSignaling {
  send(message: unknown): void;
  opened: Promise<void>;
}

/** The page's end of `signaling/json-relay.ts`: what is sent before the socket opens goes out when it does. */
export function openJsonSignaling<Message>(env: Env, onMessage: (message: Message) => void): JsonSignaling {
  const socket = new WebSocket(env.signalingUrl);
  const queued: unknown[] = [{ join: env.room }];
  const write = (message: unknown) => socket.send(JSON.stringify(message));
  socket.onmessage = ({ data }) => onMessage(JSON.parse(data as string) as Message);
  const opened = new Promise<void>((resolve, reject) => {
    socket.onopen = () => {
      queued.splice(0).forEach(write);
      resolve();
    };
    socket.onerror = () => reject(new Error('the signaling server cannot be reached'));
  });
  return { opened, send: (message) => (socket.readyState === WebSocket.OPEN ? write(message) : queued.push(message)) };
}
