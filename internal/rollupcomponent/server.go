package rollupcomponent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/confignet"
)

// Server is one HTTP listener of a component.
type Server struct {
	http *http.Server
	addr net.Addr
	done sync.WaitGroup
}

// StartServer listens and serves until Stop. key is the configuration's key,
// for messages.
func StartServer(ctx context.Context, key string, c *confighttp.ServerConfig, host component.Host, set component.TelemetrySettings, h http.Handler) (*Server, error) {
	server, err := c.ToServer(ctx, host.GetExtensions(), set, h)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	listener, err := c.ToListener(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	s := &Server{http: server, addr: listener.Addr()}
	s.done.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(fmt.Errorf("%s: %w", key, err)))
		}
	})
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() string { return s.addr.String() }

// Stop lets requests finish while the context lasts.
func (s *Server) Stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.done.Wait()
	return err
}

// NewServerConfig is the default of a listener at the endpoint.
func NewServerConfig(endpoint string) confighttp.ServerConfig {
	c := confighttp.NewDefaultServerConfig()
	c.NetAddr.Transport = confignet.TransportTypeTCP
	c.NetAddr.Endpoint = endpoint
	return c
}
