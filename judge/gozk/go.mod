module zksim/judge/gozk

go 1.26.0

require (
	github.com/go-zookeeper/zk v1.0.4
	zksim v0.0.0
)

replace zksim => ../..
