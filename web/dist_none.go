//go:build !site && !js

package web

// A plain build has no engine for the browser in it: see [Site].
var builtEngine, builtGlue []byte
