// Command goplugin starts plugins with hashicorp/go-plugin over gRPC: an echo service, served by this same executable.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

const child = "plugin-child"

var handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "ECHO_PLUGIN", MagicCookieValue: "echo"}

func main() {
	if len(os.Args) == 2 && os.Args[1] == child {
		plugin.Serve(&plugin.ServeConfig{
			HandshakeConfig: handshake,
			Plugins:         plugin.PluginSet{"echo": echoPlugin{}},
			Logger:          hclog.NewNullLogger(),
			GRPCServer: func(o []grpc.ServerOption) *grpc.Server {
				return grpc.NewServer(append(o, grpc.MaxRecvMsgSize(math.MaxInt32))...) // its default is 4 MB
			},
		})
		return
	}
	trial.Main(map[string]func() (trial.System, error){"go-plugin": newPlugins})
}

type plugins struct {
	trial.Unpooled
	path string
}

func newPlugins() (trial.System, error) {
	path, err := os.Executable()
	return plugins{path: path}, err
}

func (p plugins) Start(ctx context.Context, hello []byte) (trial.Isolate, []byte, error) {
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          plugin.PluginSet{"echo": echoPlugin{}},
		Cmd:              exec.Command(p.path, child),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	service, err := dispense(c)
	if err != nil {
		c.Kill()
		return nil, nil, err
	}
	return trial.FirstTrip(ctx, &running{client: c, echo: service}, hello)
}

func dispense(c *plugin.Client) (echoClient, error) {
	protocol, err := c.Client()
	if err != nil {
		return echoClient{}, err
	}
	service, err := protocol.Dispense("echo")
	if err != nil {
		return echoClient{}, err
	}
	echo, ok := service.(echoClient)
	if !ok {
		return echoClient{}, fmt.Errorf("the plugin is a %T", service)
	}
	return echo, nil
}

type running struct {
	client  *plugin.Client
	echo    echoClient
	stream  grpc.ClientStream // open while there is something pushed
	arrived int64
}

func (r *running) RoundTrip(ctx context.Context, p []byte) ([]byte, error) {
	got := new(wrapperspb.BytesValue)
	err := r.echo.conn.Invoke(ctx, echoMethod, wrapperspb.Bytes(p), got)
	return got.GetValue(), err
}

func (r *running) Push(ctx context.Context, p []byte) error {
	if r.stream == nil {
		var err error
		if r.stream, err = r.echo.conn.NewStream(ctx, &echoService.Streams[0], pushMethod); err != nil {
			return err
		}
	}
	return r.stream.SendMsg(wrapperspb.Bytes(p))
}

func (r *running) Flush(context.Context) (int64, error) {
	if r.stream == nil {
		return r.arrived, nil
	}
	stream := r.stream
	r.stream = nil
	if err := stream.CloseSend(); err != nil {
		return 0, err
	}
	count := new(wrapperspb.Int64Value)
	err := stream.RecvMsg(count)
	r.arrived += count.GetValue()
	return r.arrived, err
}

func (r *running) Close() error {
	r.client.Kill()
	if !r.client.Exited() {
		return errors.New("the plugin did not end")
	}
	return nil
}

// echoPlugin tells go-plugin how both sides of the service are made.
type echoPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (echoPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&echoService, echoServer{})
	return nil
}

func (echoPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return echoClient{c}, nil
}

type (
	echoClient struct{ conn *grpc.ClientConn }
	echoServer struct{}
)

const (
	echoMethod = "/bench.Echo/Echo"
	pushMethod = "/bench.Echo/Push"
)

// echoService is what protoc would write for: rpc Echo(BytesValue) returns (BytesValue); rpc Push(stream BytesValue)
// returns (Int64Value), the count of bytes.
var echoService = grpc.ServiceDesc{
	ServiceName: "bench.Echo",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Echo", Handler: serveEcho}},
	Streams:     []grpc.StreamDesc{{StreamName: "Push", Handler: servePush, ClientStreams: true}},
}

func serveEcho(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	m := new(wrapperspb.BytesValue)
	return m, decode(m)
}

func servePush(_ any, stream grpc.ServerStream) error {
	var count int64
	m := new(wrapperspb.BytesValue)
	for {
		err := stream.RecvMsg(m)
		if errors.Is(err, io.EOF) {
			return stream.SendMsg(wrapperspb.Int64(count))
		}
		if err != nil {
			return err
		}
		count += int64(len(m.GetValue()))
	}
}
