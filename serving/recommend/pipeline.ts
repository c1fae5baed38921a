import { randomUUID } from 'node:crypto'
import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import type { Profile } from '#schemas/events/catalogue.ts'
import { policies } from '#schemas/events/derived.ts'
import { hash32 } from '#schemas/math/hash.ts'
import { profileVector } from '#schemas/models/profile-features.ts'
import type { AcceptedEvent } from '#schemas/ports/accepted-events.ts'
import type { ServingOptions } from '../options.ts'
import type { ServingPorts } from '../ports.ts'
import type { ReadModel } from '../read-model/read-model.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import type { UserRead } from '../read-model/user-rows.ts'
import { gatherCandidates } from './candidates.ts'
import { decodeCursor, encodeCursor, mostShown, type CursorState } from './cursor.ts'
import { admissible, blockSeen, shownHash, slotsWithin } from './hydrate.ts'
import { knownUser, type KnownUser } from './known-user.ts'
import { isAccepted, notCounted } from './not-counted.ts'
import type { Listed } from './listed.ts'
import type { MeasuredSearch } from './live-recall.ts'
import { personalList } from './personal-list.ts'
import { precomputedList, trendingList } from './plain-list.ts'
import { waitFor } from './read-your-writes.ts'
import type { Recorder } from './record.ts'
import { degradedModes, refuseUnknownActions, type DegradedMode, type RecommendRequest } from './request.ts'
import type { Scratch } from './scratch.ts'
import type { Stages } from './stages.ts'
import { expectedTaste, type Taste } from './taste.ts'
import type { Tastes } from './tastes.ts'

export interface Pipeline {
  readonly ports: ServingPorts
  readonly options: ServingOptions
  readonly readModel: ReadModel
  readonly scratch: Scratch
  readonly tastes: Tastes
  readonly search: MeasuredSearch
  readonly recorder: Recorder
  readonly stages: Stages
}

const noRow: UserRead = { type: 'read', features: undefined }

/** Answers one request for recommendations: candidates → hydrate → score → rerank → record. */
export async function recommend(request: RecommendRequest, pipeline: Pipeline): Promise<RecommendationAnswer> {
  const { ports, options, readModel, stages } = pipeline
  const userId = request.userId ?? ''
  const cursor =
    request.cursor === undefined
      ? undefined
      : decodeCursor(request.cursor, options.cursorKey, userId, ports.clock.now())
  refuseUnknownActions(request.recent, options.settings)
  const timer = stages.start()
  const accepted = request.userId === undefined ? [] : ((await ports.accepted?.of(userId)) ?? [])
  const isBehind = request.after !== undefined && !(await isReflected(request.after, userId, accepted, pipeline))
  const isFresh = options.freshOnly || request.after !== undefined || !readModel.isFollowingUsers()
  const read = request.userId === undefined ? noRow : await readModel.users.read(userId, isFresh)
  if (read.type !== 'read') ports.report(read.error, 'reading a user row')
  const user = knownUser(read, notCounted(accepted, read), request.recent)
  const profile = await profileOf(request, user, ports)
  timer.done('read')
  const encoded = await encodedUser(user, pipeline)
  // From here to the answer there is no await: the scratch and the model are this request's alone.
  const page = pageOf(cursor)
  const model = readModel.served()
  const vector = encoded?.model === model ? encoded?.vector : undefined
  const { listed, degraded } = compose(request, { ...user, profile, vector }, model, page, pipeline)
  const modes = inOrder(isBehind ? [...degraded, 'behind'] : degraded)
  for (const mode of modes) ports.metrics.count('millrace_degraded_total', 1, { mode })
  const answer = {
    items: listed.map(({ item }) => item),
    requestId: page.requestId,
    modelVersion: model?.version ?? null,
    generation: model?.generation ?? null,
    variant: options.variant,
    degraded: modes,
    nextCursor: listed.length < request.limit ? null : nextCursor(userId, model, page, listed, pipeline),
  }
  timer.done('compose')
  record(answer, listed, { request, user, page }, pipeline)
  timer.finish()
  return answer
}

async function isReflected(
  after: string,
  userId: string,
  accepted: readonly AcceptedEvent[],
  { ports, options, readModel }: Pipeline,
): Promise<boolean> {
  const partitions = ports.log.partitions('interactions')
  if (isAccepted(after, userId, accepted, partitions)) return true
  const { features, clock, report } = ports
  return waitFor(after, userId, {
    features,
    users: readModel.users,
    clock,
    partitions,
    waitMs: options.afterWaitMs,
    report,
  })
}

/** Under a model trained elsewhere. Where that fails, or another model is served by then, the user is folded in. */
async function encodedUser(
  { history }: KnownUser,
  { readModel, options, ports }: Pipeline,
): Promise<{ readonly model: ServedModel; readonly vector: Float32Array } | undefined> {
  const model = readModel.served()
  if (model?.encode === undefined || history.length === 0) return undefined
  try {
    return { model, vector: await model.encode(history, options.settings) }
  } catch (error) {
    ports.report(error, `encoding a user by model ${model.version}`)
    return undefined
  }
}

/** Of a user without a history; a profile that cannot be read says nothing. */
async function profileOf(
  { userId }: RecommendRequest,
  user: KnownUser,
  { features, report }: ServingPorts,
): Promise<Profile | undefined> {
  if (userId === undefined || user.history.length > 0 || user.isUnread) return undefined
  try {
    return await features.profile(userId)
  } catch (error) {
    report(error, 'reading a profile')
    return undefined
  }
}

interface Page {
  readonly requestId: string
  /** Request id of the first page. */
  readonly first: string
  readonly seed: number
  readonly shown: readonly number[]
}

function pageOf(cursor: CursorState | undefined): Page {
  const requestId = randomUUID()
  if (cursor === undefined) return { requestId, first: requestId, seed: hash32(requestId), shown: [] }
  return { requestId, first: cursor.requestId, seed: cursor.seed, shown: cursor.shown }
}

function compose(
  request: RecommendRequest,
  user: KnownUser & { readonly profile: Profile | undefined; readonly vector: Float32Array | undefined },
  model: ServedModel | undefined,
  page: Page,
  pipeline: Pipeline,
): { readonly listed: Listed[]; readonly degraded: DegradedMode[] } {
  const { ports, options, readModel, scratch, tastes, search, stages } = pipeline
  const { items } = readModel
  const timer = stages.start()
  const isReusable = request.userId !== undefined && user.isRowOnly && !user.isUnread
  const expected = user.history.length > 0 || user.isUnread ? undefined : expectedOf(request, user.profile, model)
  const taste = expected ?? tastes.of(isReusable ? request.userId : undefined, user, model, user.vector)
  timer.done('fold-in')
  scratch.begin(items.slots.size())
  const rules = { ...request, shown: new Set(page.shown) }
  blockSeen(scratch, items, rules, taste.consumed)
  const within = slotsWithin(items, rules)
  const { category, limit } = request
  const firstSlot = page.shown.length
  const plain = { items, isBlocked: (slot: number) => scratch.isBlocked(slot), category, within, limit, firstSlot }
  if (user.history.length === 0 && expected === undefined) {
    const made = user.isUnread ? precomputed(request, model) : undefined
    const chosen = made === undefined ? [] : precomputedList(plain, made)
    if (chosen.length > 0) return { listed: chosen, degraded: [...user.degraded, 'lists'] }
    return { listed: trendingList(plain, user.profile?.interests), degraded: [...user.degraded, 'cold'] }
  }
  gatherCandidates(scratch, {
    taste,
    model,
    items,
    embeddings: readModel.embeddings,
    within,
    search: (served, query, k) => search.search(served.index, query, k),
    now: ports.clock.now(),
  })
  timer.done('candidates')
  const rows = admissible(scratch, items, within)
  timer.done('hydrate')
  const listed = personalList({
    candidates: scratch.candidates,
    rows,
    taste,
    history: user.history,
    model,
    ranker: readModel.ranker(model),
    items,
    embeddings: readModel.embeddings,
    options,
    limit,
    firstSlot,
    seed: page.seed,
    isCapped: category === undefined,
  })
  timer.done('rank')
  return { listed, degraded: taste.folded === undefined ? [...user.degraded, 'affinities'] : [...user.degraded] }
}

/** What profile and context let expect of a user without a history; undefined where the model has learnt nothing of such. */
function expectedOf(
  { context }: RecommendRequest,
  profile: Profile | undefined,
  model: ServedModel | undefined,
): Taste | undefined {
  const vector = model === undefined ? undefined : profileVector(model.model, { profile, context })
  return vector === undefined ? undefined : expectedTaste(vector, profile?.interests ?? [])
}

function precomputed(request: RecommendRequest, model: ServedModel | undefined): readonly string[] | undefined {
  if (request.category !== undefined) return model?.lists?.categories.get(request.category)
  return model?.lists?.users.get(request.userId ?? '')
}

function nextCursor(
  userId: string,
  model: ServedModel | undefined,
  page: Page,
  listed: readonly Listed[],
  { ports, options }: Pipeline,
): string | null {
  const shown = [...page.shown, ...listed.map(({ item }) => shownHash(item.itemId))]
  if (shown.length > mostShown) return null
  const state = { userId, generation: model?.generation ?? '', seed: page.seed, requestId: page.first, shown }
  return encodeCursor(state, options.cursorKey, ports.clock.now())
}

function inOrder(modes: readonly DegradedMode[]): DegradedMode[] {
  return degradedModes.filter((mode) => modes.includes(mode))
}

function record(
  answer: RecommendationAnswer,
  listed: readonly Listed[],
  { request, user, page }: { request: RecommendRequest; user: KnownUser; page: Page },
  { ports, recorder }: Pipeline,
): void {
  if (listed.length === 0) return
  recorder.record({
    type: 'impression',
    requestId: answer.requestId,
    userId: request.userId ?? '',
    shownAt: ports.clock.now(),
    generation: answer.generation ?? '',
    modelVersion: answer.modelVersion ?? '',
    variant: answer.variant,
    policy: policyOf(listed, request, user, page),
    userPosition: user.position,
    slots: listed.map(({ item, propensity, seen }) => ({
      itemId: item.itemId,
      score: item.score,
      source: item.source,
      propensity,
      features: seen ?? item.features,
    })),
  })
}

/** What drew the list, and whether the log alone says what it was drawn from. */
function policyOf(listed: readonly Listed[], request: RecommendRequest, user: KnownUser, page: Page): string {
  if (listed[0]!.propensity === null) return policies.list
  const isOfRow = user.isRowOnly && user.degraded.length === 0
  const isPlain = request.category === undefined && request.allow === undefined && request.exclude.length === 0
  return isOfRow && isPlain && page.shown.length === 0 ? policies.drawn : policies.drawnOtherwise
}
