import { serveSolverJobs } from '#infra/kernels/solver-worker.ts'

serveSolverJobs()
