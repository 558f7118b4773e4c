export { webhookEvent } from './event.ts';
export type { WebhookEvent, WebhookObject } from './event.ts';
