/** Roles that run as a process of their own on the cluster preset. */
export const roleNames = ['ingest', 'process', 'serve', 'train', 'schedule', 'gateway'] as const

export type RoleName = (typeof roleNames)[number]
