export { addOuterProducts } from './gramian'
export { solveRows, solveRowsScratch } from './half-iteration'
