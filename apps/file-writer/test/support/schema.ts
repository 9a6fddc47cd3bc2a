import { Schema } from "effect"

export default Schema.Struct({ id: Schema.Finite })
