export { factorCholesky } from './cholesky'
export { contribute, foldIn, squaredLength } from './fold-in'
export { addOuterProducts } from './gramian'
export { solveRows, solveRowsScratch } from './half-iteration'
