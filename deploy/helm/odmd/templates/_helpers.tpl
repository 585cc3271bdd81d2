{{- define "odmd.labels" -}}
app.kubernetes.io/name: odmd
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "odmd.name" -}}
{{ printf "%s-%s" .root.Release.Name .part | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* By which hosts the server is asked: the ingress's and those that were said; beside them, by its service. */}}
{{- define "odmd.names" -}}
{{- $said := .Values.names }}
{{- with .Values.ingress.host }}{{ $said = prepend $said . }}{{ end }}
{{- if $said }}
{{- $service := printf "%s.%s" (include "odmd.name" (dict "root" . "part" "server")) .Release.Namespace }}
{{- join "," (uniq (concat $said (list $service (printf "%s.svc" $service)))) }}
{{- end }}
{{- end }}

{{/* One deployment, and the account that it runs as: a server or a worker. */}}
{{- define "odmd.deployment" -}}
{{- $its := index .root.Values .part -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "odmd.name" . }}
  labels: {{- include "odmd.labels" . | nindent 4 }}
  {{- with $its.account }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "odmd.name" . }}
  labels: {{- include "odmd.labels" . | nindent 4 }}
spec:
  {{- if or (eq .part "server") (not .root.Values.worker.most) }}
  replicas: {{ $its.replicas }}
  {{- end }}
  {{- if eq .part "server" }}
  strategy: {type: Recreate}  # one that waits for the leader to go is not ready, so none would ever be replaced otherwise
  {{- end }}
  selector:
    matchLabels: {{- include "odmd.labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "odmd.labels" . | nindent 8 }}
    spec:
      serviceAccountName: {{ include "odmd.name" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ if eq .part "worker" }}{{ .root.Values.worker.patience }}{{ else }}60{{ end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        fsGroup: 10001
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: {{ .part }}
          image: {{ .root.Values.image | quote }}
          args: {{ .args | toJson }}
          env:
            - name: ODMD_DATABASE_URL
              valueFrom:
                secretKeyRef: {name: {{ .root.Values.database.secret | quote }}, key: url}
            - {name: ODMD_ISOLATION, value: {{ .root.Values.isolation | quote }}}
            {{- if eq .part "server" }}
            {{- with include "odmd.names" .root }}
            - {name: ODMD_NAMES, value: {{ . | quote }}}
            {{- end }}
            {{- with .root.Values.proxies }}
            - {name: ODMD_PROXIES, value: {{ join "," . | quote }}}
            {{- end }}
            {{- range $name, $from := .root.Values.server.secrets }}
            - name: {{ $name }}
              valueFrom:
                secretKeyRef: {name: {{ $from.secret | quote }}, key: {{ $from.key | quote }}}
            {{- end }}
            {{- end }}
            {{- with .root.Values.key }}
            - {name: ODMD_KEY, value: {{ . | quote }}}
            {{- end }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          resources: {{- toYaml $its.resources | nindent 12 }}
          {{- if eq .part "server" }}
          ports:
            - {name: http, containerPort: 8471}
          startupProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 5
            failureThreshold: 24
          livenessProbe:
            httpGet: {path: /healthz, port: http}
            timeoutSeconds: 5
          readinessProbe:
            httpGet: {path: /readyz, port: http}
            periodSeconds: 5
            timeoutSeconds: 4
          {{- end }}
          volumeMounts:
            - {name: kept, mountPath: /var/lib/odmd}
            - {name: tmp, mountPath: /tmp}
      volumes:
        - {name: kept, emptyDir: {}}
        - {name: tmp, emptyDir: {}}
{{- end }}
