/** Roles that stand on the log, the rows or the models. */
export const partsRoleNames = ['ingest', 'process', 'serve', 'train', 'schedule'] as const

export type PartsRoleName = (typeof partsRoleNames)[number]

/** Roles that run as a process of their own on the cluster preset. */
export const roleNames = [...partsRoleNames, 'gateway'] as const

export type RoleName = (typeof roleNames)[number]
