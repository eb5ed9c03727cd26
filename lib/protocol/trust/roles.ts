/** What a device is to its property. The credential says it, and no device can choose another. */
export const roles = ['staff', 'pos', 'printer', 'kitchen-display', 'guest', 'hub', 'gateway'] as const;
export type Role = (typeof roles)[number];
