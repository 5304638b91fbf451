//go:build site && !js

package web

import _ "embed"

// What go generate ./web has built.
var (
	//go:embed dist/zksim.wasm.gz
	builtEngine []byte
	//go:embed dist/wasm_exec.js
	builtGlue []byte
)
