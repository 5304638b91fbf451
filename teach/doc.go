// Package teach explains runs and gives lessons about them. It knows no terminal, no
// page and no file system: what it yields is text and data for those who show it.
package teach
