/** The job that a command is about, as people name it: by its directory, or by the file of its rows. */
import * as Program from "@fibra/cli/Program"
import { Job, JobView } from "@fibra/crawl"
import * as TargetLock from "@fibra/files/TargetLock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Argument from "effect/cli/Argument"

export const argument = Argument.String("job").pipe(
  Argument.withMetavar("JOB"),
  Argument.withDescription(
    "The directory of a job, or the file that its crawl writes (then FILE.job)"
  )
)

/** The directory of a job. */
export const find = Effect.fnUntraced(function* (text: string) {
  const fs = yield* FileSystem.FileSystem
  for (const directory of [text, `${text}.job`]) {
    const isJob = yield* Effect.orElseSucceed(
      fs.exists(`${directory}/${Job.fileName}`),
      () => false
    )
    if (isJob) return directory
  }
  return yield* new Program.Stopped({
    exitCode: 3,
    reason: `there is no job in ${text}, and none in ${text}.job`
  })
})

/** A view of the job, also on a disk that is full; one that cannot be read ends the program with exit code 3. */
export const view = Effect.fnUntraced(function* (directory: string) {
  return yield* JobView.open(directory).pipe(
    Effect.catch((error) =>
      Effect.flatMap(isStill(directory), (isStill) =>
        isStill ? JobView.open(directory, { isStill }) : Effect.fail(error)
      )
    ),
    Effect.catch(unreadable)
  )
})

/** Whether nobody has the job, and all that was committed is in its database. */
const isStill = Effect.fnUntraced(
  function* (directory: string) {
    const fs = yield* FileSystem.FileSystem
    const log = `${directory}/${Job.fileName}-wal`
    if ((yield* fs.exists(log)) && Number((yield* fs.stat(log)).size) > 0) return false
    return (yield* lockOf(directory)).holder === undefined
  },
  Effect.orElseSucceed(() => false)
)

/** Whether a process has the job, or had it when it was killed. */
export const lockOf = (directory: string) =>
  Effect.catch(TargetLock.look(`${directory}/${Job.fileName}`), unreadable)

export const unreadable = ({ message }: { readonly message: string }) =>
  Effect.fail(new Program.Stopped({ exitCode: 3, reason: message }))
