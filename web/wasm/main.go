//go:build js && wasm

// Command wasm is the engine as a web worker has it: it leaves a function zksimCall there,
// which takes a method and a request and gives the answer, as web.Call does.
package main

import (
	"syscall/js"

	"zksim/web"
)

func main() {
	js.Global().Set("zksimCall", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return string(web.Call(args[0].String(), []byte(args[1].String()), nil))
	}))
	select {} // the worker ends it
}
