const steps = 1024
const table = fractionalPowers()

/**
 * 2^-x for x ≥ 0, the decay of a count after x half-lives. Only additions and multiplications, so every engine and
 * machine gives the same bits; within 3e-10 of the true value: 2^-f by table at f = j/1024, the rest by its cubic
 * Taylor polynomial.
 */
export function decay(halfLives: number): number {
  if (!(halfLives > 0)) return 1
  if (halfLives >= 1022) return 0
  const whole = Math.floor(halfLives)
  const scaled = (halfLives - whole) * steps
  const j = Math.floor(scaled)
  const rest = ((scaled - j) / steps) * ln2
  const fine = 1 - rest * (1 - rest * (0.5 - rest * (1 / 6)))
  return table[j]! * fine * powerOfHalf(whole)
}

const ln2 = 0.6931471805599453

/** 2^(-j/1024) for j in [0, 1024): repeated square roots (correctly rounded by IEEE 754), then products. */
function fractionalPowers(): Float64Array {
  const roots: number[] = []
  let root = 0.5
  for (let bit = 0; bit < 10; bit++) {
    root = Math.sqrt(root)
    roots.push(root)
  }
  const powers = new Float64Array(steps)
  for (let j = 0; j < steps; j++) {
    let value = 1
    for (let bit = 0; bit < 10; bit++) if ((j >> (9 - bit)) & 1) value *= roots[bit]!
    powers[j] = value
  }
  return powers
}

function powerOfHalf(n: number): number {
  let value = 1
  let base = 0.5
  for (let rest = n; rest > 0; rest >>>= 1) {
    if (rest & 1) value *= base
    base *= base
  }
  return value
}
