import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PrometheusMetrics } from '../metrics/prometheus.ts';
import type { HttpRefusal } from './http-answers.ts';

const UNAUTHORIZED: HttpRefusal = {
  kind: 'metrics_token',
  status: 401,
  text: 'The metrics need their bearer token: Authorization: Bearer …',
  headers: { 'www-authenticate': 'Bearer' },
};

/** In constant time: neither the length nor the place of the first difference shows (hence the hashes). */
export function refuseMetrics({ headers }: IncomingMessage, token: string | null): HttpRefusal | null {
  if (token === null) return null;
  const [offered, expected] = [headers.authorization ?? '', `Bearer ${token}`].map(sha256) as [Buffer, Buffer];
  return timingSafeEqual(offered, expected) ? null : UNAUTHORIZED;
}

export async function answerMetrics(response: ServerResponse, metrics: PrometheusMetrics): Promise<void> {
  const body = await metrics.expose();
  response.setHeader('content-type', metrics.contentType);
  response.setHeader('cache-control', 'no-store');
  response.end(body);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();
