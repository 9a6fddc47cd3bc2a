/** A schema as a user would give it to `--schema`. */
import { Schema } from "effect"

export default Schema.Struct({ name: Schema.NonEmptyString, price: Schema.FiniteFromString })
